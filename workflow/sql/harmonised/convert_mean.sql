-- Means on the target LADs: weighted by the number of units behind each (n).
with pieces as (
    select
        crosswalk.to_code as area,
        given.key,
        crosswalk.bit,
        given.value,
        given.n,
        share_of(given.n, crosswalk.share_before, crosswalk.share_after) as n_part,
        crosswalk.share_before > 0 or crosswalk.share_after < 1 as is_divided,
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
        bool_or(is_divided) and count(*) > 1 as is_mixed,
        sum(cast(value as decimal(38, 6)) * cast(n as decimal(38, 6))) as total,
        sum(n) as units,
        sum(cast(value as decimal(38, 6)) * n_part) as part_total,
        min(value) as smallest,
        max(value) as largest,
        sum(n_part) as carried_n,
        count(value + n) as parts,
        count(value + n) = count(*) and sum(covers) = any_value(whole) as is_whole,
        bit_or(bit) as combination,
        bool_and(match = 'exact') as is_exact
    from pieces
    group by area, key
),

chosen as (
    select
        * exclude (total, units),
        -- One divided value has the mean of the whole; beside others its part counts by its size.
        cast(case when is_mixed then part_total else total end as double) as total,
        cast(case when is_mixed then carried_n else units end as double) as units
    from summed
),

final as (
    select
        area,
        key,
        case
            when not is_whole then null
            when smallest = largest then cast(smallest as double)
            when units > 0
                -- Rounding must not carry a mean beyond those of its parts.
                then least(
                    greatest(
                        round(total / units, 6),
                        cast(smallest as double)
                    ),
                    cast(largest as double)
                )
        end as value,
        case when is_whole then carried_n end as n,
        carried_n,
        cast(parts as bigint) as parts,
        combination,
        case when is_exact then 'exact' else 'best_fit' end as match
    from chosen
)

select * from final
order by area, key
