-- Labels on the target LADs: that of all parts where they agree, else that of most people.
with pieces as (
    select
        crosswalk.to_code as area,
        given.key,
        crosswalk.bit,
        given.value,
        crosswalk.covers,
        crosswalk.whole,
        crosswalk.weight,
        crosswalk.target_weight,
        crosswalk.match
    from given
    inner join crosswalk on given.from_code = crosswalk.from_code
),

labelled as (
    select
        area,
        key,
        value,
        sum(covers) as covers,
        any_value(whole) as whole,
        case when count(weight) = count(*) then sum(weight) end as weight,
        any_value(target_weight) as target_weight,
        count(value) as parts,
        bit_or(bit) as combination,
        bool_or(covers = whole) as is_one,
        bool_or(match = 'best_fit') as is_moved
    from pieces
    group by area, key, value
),

summed as (
    select
        area,
        key,
        first(value order by weight desc nulls last, value asc) filter (value is not null) as label,
        string_agg(cast(value as varchar), ' ' order by value) as labels,
        count(value) as n_labels,
        max(weight) filter (value is not null) as held,
        coalesce(sum(weight) filter (value is not null), 0) as covered,
        any_value(target_weight) as target_weight,
        coalesce(sum(covers) filter (value is not null), 0) = any_value(whole) as is_complete,
        count(value) = count(weight) filter (value is not null)
        and count(target_weight) > 0 as is_weighted,
        cast(sum(parts) as bigint) as parts,
        bit_or(combination) as combination,
        bool_or(is_one) as is_one,
        bool_or(is_moved) as is_moved
    from labelled
    group by area, key
),

judged as (
    select
        *,
        n_labels = 1 and is_complete as is_unanimous,
        n_labels > 0
        and is_weighted
        and covered >= getvariable('minimum_coverage') * target_weight as has_majority
    from summed
),

final as (
    select
        area,
        key,
        case when is_unanimous or has_majority then label end as value,
        labels,
        case
            when is_unanimous then 1.0
            when n_labels = 0 then 0.0
            when is_weighted then round(cast(held as double) / cast(target_weight as double), 6)
        end as coverage,
        parts,
        combination,
        case
            when is_moved then 'best_fit'
            when is_unanimous or is_one then 'exact'
            when is_weighted then 'best_fit'
            else 'not_convertible'
        end as match
    from judged
)

select * from final
order by area, key
