-- Every row with the LAD that its code leads to, in the order of the source.
with final as (
    select
        records.*,
        single.to_code as area,
        coalesce(single.match, 'not_convertible') as match
    from records
    left join single on records.from_code = single.from_code
)

select * from final -- noqa: AM04
