-- Records of one code and key added up; a missing one leaves the sum missing.
with final as (
    select
        from_code,
        key,
        case when count(value) = count(*) then sum(value) end as value,
        count(*) as n_rows
    from records
    group by from_code, key
)

select * from final
