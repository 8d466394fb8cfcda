-- What one part gets of an amount that weights divide: the difference of two running shares, each
-- rounded, so that the parts add up to the amount exactly. The first share is 0, the last is 1.
create or replace temp macro running_share(amount, share) as
case
    when share = 1 then cast(amount as decimal(38, 6))
    else cast(cast(amount as double) * share as decimal(38, 6))
end;

create or replace temp macro share_of(amount, share_before, share_after) as
running_share(amount, share_after) - running_share(amount, share_before);
