-- What no method of the kind carries to the LADs that it is about.
with final as (
    select
        refused.to_code as area,
        given.key,
        string_agg(given.from_code, ' ' order by given.from_code) as from_codes,
        'not_convertible' as match,
        string_agg(refused.path, ' ' order by given.from_code) as path
    from given
    inner join refused on given.from_code = refused.from_code
    group by refused.to_code, given.key
)

select * from final
order by area, key
