-- The codes and paths behind each combination of source areas that a target LAD was made from.
with made as (
    select distinct
        area,
        combination
    from converted
),

final as (
    select
        made.area,
        made.combination,
        string_agg(crosswalk.from_code, ' ' order by crosswalk.from_code) as from_codes,
        string_agg(crosswalk.path, ' ' order by crosswalk.from_code) as path
    from made
    inner join crosswalk
        on made.area = crosswalk.to_code and bit_count(made.combination & crosswalk.bit) > 0
    group by made.area, made.combination
)

select * from final
