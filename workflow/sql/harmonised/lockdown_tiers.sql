-- The tier of each district on each date: 1 to 4, and 5 for England's national lockdown. Words for
-- other nations' rules are no tiers.
with dated as (
    select
        code,
        country,
        cast(replace(replace(name, 'tier_', ''), '_', '-') as date) as date,
        label
    from lockdown_tiers
    unpivot include nulls (
        label for name in (tier_2020_12_09, tier_2020_12_18, tier_2020_12_30, tier_2021_01_05)
    )
),

final as (
    select
        code as place,
        case when country = 'England' then 'lad' else 'outside_england' end as status,
        code as from_code,
        date,
        'tier' as measure,
        case
            when label in ('1', '2', '3', '4') then cast(label as bigint)
            when country = 'England' and label like 'National Lockdown%' then 5
        end as value
    from dated
)

select * from final
