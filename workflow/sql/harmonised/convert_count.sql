-- Counts on the target LADs: added up forward, divided by weights backward.
with pieces as (
    select
        crosswalk.to_code as area,
        given.key,
        crosswalk.bit,
        share_of(given.value, crosswalk.share_before, crosswalk.share_after) as part,
        crosswalk.covers,
        crosswalk.whole,
        crosswalk.match
    from given
    inner join crosswalk on given.from_code = crosswalk.from_code
),

summed as (
    select
        area,
        key,
        sum(part) as carried_value,
        count(part) as parts,
        count(part) = count(*)
        and (sum(covers) = any_value(whole) or getvariable('absent_is_zero')) as is_whole,
        bit_or(bit) as combination,
        bool_and(match = 'exact') as is_exact
    from pieces
    group by area, key
),

final as (
    select
        area,
        key,
        case when is_whole then carried_value end as value,
        carried_value,
        cast(parts as bigint) as parts,
        combination,
        case when is_exact then 'exact' else 'best_fit' end as match
    from summed
)

select * from final
order by area, key
