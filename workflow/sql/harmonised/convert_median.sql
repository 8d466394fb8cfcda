-- Medians, indices and ranks on the target LADs: the crosswalk leaves unchanged areas only.
with final as (
    select
        crosswalk.to_code as area,
        given.key,
        given.value,
        cast(given.value is not null as bigint) as parts,
        crosswalk.bit as combination,
        crosswalk.match
    from given
    inner join crosswalk on given.from_code = crosswalk.from_code
)

select * from final
order by area, key
