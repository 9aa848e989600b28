"""Step 8, Record: the books of each site as the month closes. Events are in their logs already.

Reads post, site. Writes site_month.
"""

from __future__ import annotations

from cms_sim.compiled import bare_kernel
from cms_sim.engine.arrays import ROLE_OUTREACH, SERVICES

PARTICIPANTS, FILLED, POSTS, IN_USE, RECRUITED, OPEN = 0, 1, 2, 3, 4, 5


@bare_kernel
def record(plan, rules, state, day):  # type: ignore[no-untyped-def]
    """On the last day of a month, write what each site has."""
    month = rules.month_of[day]
    if rules.month_of[day + 1] == month:
        return
    for s in range(plan.site.shape[0]):
        books = state.site_month[s, month]
        books[PARTICIPANTS] = 0
        books[FILLED] = 0
        books[POSTS] = 0
        books[IN_USE] = 0
        books[RECRUITED] = state.site[s].recruits
        books[OPEN] = state.site[s].open
        for kind in range(SERVICES):
            books[IN_USE] += state.site[s].used[kind]
    for k in range(plan.post.shape[0]):
        post = plan.post[k]
        if post.from_day <= day < post.until_day:
            books = state.site_month[post.site, month]
            books[POSTS] += 1
            books[FILLED] += state.post[k].filled
            if post.role == ROLE_OUTREACH:
                books[PARTICIPANTS] += state.post[k].clients
