-- The places that Google names, with the LAD code that the look-up gives each.
select
    country_region_code,
    sub_region_1,
    sub_region_2,
    la_name,
    lad_code,
    coalesce(flag_2018, false) as flag_2018
from accepted
order by country_region_code, sub_region_1 nulls first, sub_region_2 nulls first
