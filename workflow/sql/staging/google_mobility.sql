-- Google mobility as published: one row per place and day, blanks as null.
select
    country_region_code,
    sub_region_1,
    sub_region_2,
    date,
    cast(retail_and_recreation as smallint) as retail_and_recreation,
    cast(grocery_and_pharmacy as smallint) as grocery_and_pharmacy,
    cast(parks as smallint) as parks,
    cast(transit_stations as smallint) as transit_stations,
    cast(workplaces as smallint) as workplaces,
    cast(residential as smallint) as residential
from accepted
order by country_region_code, sub_region_1 nulls first, sub_region_2 nulls first, date
