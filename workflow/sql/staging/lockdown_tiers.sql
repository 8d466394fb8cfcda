-- Tiers of local restrictions as published: one row per district, one column per date.
select
    code,
    country,
    tier_2020_12_09,
    tier_2020_12_18,
    tier_2020_12_30,
    tier_2021_01_05
from accepted
order by code
