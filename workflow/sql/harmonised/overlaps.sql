-- The first group in which two codes cover the same land, or one code stands twice.
with final as (
    select
        links.to_code as area,
        given.key,
        list(given.from_code order by given.from_code) as from_codes
    from given
    inner join links on given.from_code = links.from_code
    group by links.to_code, given.key
    having sum(links.covers) <> bit_or(links.covers)
)

select * from final
order by key, area
limit 1
