-- Relative changes on the target LADs: mean of the parts with a value, by weight.
with pieces as (
    select
        crosswalk.to_code as area,
        given.key,
        crosswalk.bit,
        given.value,
        crosswalk.weight,
        case when given.value is not null then crosswalk.weight end as valued_weight,
        crosswalk.target_weight,
        crosswalk.match = 'exact' and crosswalk.covers = crosswalk.whole as is_same_area
    from given
    inner join crosswalk on given.from_code = crosswalk.from_code
),

summed as (
    select
        area,
        key,
        sum(value * weight) as weighted,
        coalesce(sum(valued_weight), 0) as covered,
        any_value(target_weight) as target_weight,
        any_value(value) as only_value,
        count(value) as parts,
        bit_or(bit) as combination,
        bool_and(is_same_area) as is_exact
    from pieces
    group by area, key
),

final as (
    select
        area,
        key,
        case
            when covered = 0 or covered < getvariable('minimum_coverage') * target_weight then null
            when parts = 1 then cast(only_value as double)
            else round(cast(weighted as double) / cast(covered as double), 6)
        end as value,
        round(cast(covered as double) / cast(target_weight as double), 6) as coverage,
        cast(parts as bigint) as parts,
        combination,
        case when is_exact then 'exact' else 'best_fit' end as match
    from summed
)

select * from final
order by area, key
