-- Rates on the target LADs: numerators and denominators converted as counts, the rate made anew.
with pieces as (
    select
        crosswalk.to_code as area,
        given.key,
        crosswalk.bit,
        given.numerator,
        given.denominator,
        share_of(given.numerator, crosswalk.share_before, crosswalk.share_after) as upper_part,
        share_of(given.denominator, crosswalk.share_before, crosswalk.share_after) as lower_part,
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
        -- Before any division: a part of a divided area has the rate of the whole.
        cast(sum(numerator) as double) as upper_sum,
        cast(sum(denominator) as double) as lower_sum,
        bool_or(is_divided) and count(*) > 1 as is_mixed,
        sum(upper_part) as carried_numerator,
        sum(lower_part) as carried_denominator,
        count(numerator + denominator) as parts,
        count(numerator + denominator) = count(*)
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
        case
            when is_whole and is_mixed and carried_denominator > 0
                then cast(carried_numerator as double) / cast(carried_denominator as double)
            when is_whole and not is_mixed and lower_sum > 0 then upper_sum / lower_sum
        end as value,
        case when is_whole then carried_numerator end as numerator,
        case when is_whole then carried_denominator end as denominator,
        carried_numerator,
        carried_denominator,
        cast(parts as bigint) as parts,
        combination,
        case when is_exact then 'exact' else 'best_fit' end as match
    from summed
)

select * from final
order by area, key
