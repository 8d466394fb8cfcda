-- Relative changes carried to the target LADs: population-weighted mean of the parts with a value.
with target as (
    select
        translation.to_code,
        sum(population.population) as population
    from translation
    inner join population on translation.from_code = population.code
    where translation.from_code = translation.to_code
    group by translation.to_code
),

parts as (
    select
        translation.to_code as area,
        located.date,
        located.measure,
        located.from_code,
        located.value,
        population.population,
        case
            when translation.match = 'exact' and target.population = population.population
                then 'exact'
            else 'best_fit'
        end as match,
        target.population as target_population
    from located
    inner join translation on located.from_code = translation.from_code
    inner join population on located.from_code = population.code
    inner join target on translation.to_code = target.to_code
    where located.status = 'lad'
),

summed as (
    select
        area,
        date,
        measure,
        sum(case when value is not null then value * population end) as weighted,
        coalesce(sum(case when value is not null then population end), 0) as covered,
        any_value(target_population) as target_population,
        count(value) as parts,
        string_agg(from_code, ' ' order by from_code) as from_codes,
        max(case when match = 'best_fit' then 1 else 0 end) as is_best_fit
    from parts
    group by area, date, measure
),

final as (
    select
        area,
        date,
        measure,
        case
            when covered > 0 and covered >= getvariable('minimum_coverage') * target_population
                then round(cast(weighted as double) / cast(covered as double), 6)
        end as value,
        round(cast(covered as double) / cast(target_population as double), 6) as coverage,
        cast(parts as bigint) as parts,
        from_codes,
        case when is_best_fit = 1 then 'best_fit' else 'exact' end as match
    from summed
)

select * from final
order by area, date, measure
