"""What the database's own catalogue says about rights and row security."""

from gridmap.store.database import Row, Transaction

# Tables without an area: accounts and sessions (reached by id or token only), counters, versions.
WITHOUT_AREA = frozenset(
    {
        "alembic_version",
        "api_token",
        "app_user",
        "event_head",
        "layer_version",
        "response_time",
        "recovery_code",
        "session",
        "sign_in_failure",
        "spatial_ref_sys",
        "worker_seen",
    }
)


def unprotected_tables(tx: Transaction) -> list[str]:
    """Give tables that should have forced row-level security with a policy and have not."""
    rows = tx.all(
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('r', 'p') AND NOT c.relname = ANY(:free)"
        " AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS"
        "  (SELECT 1 FROM pg_policy AS p WHERE p.polrelid = c.oid)) ORDER BY 1",
        free=sorted(WITHOUT_AREA),
    )
    return [row["relname"] for row in rows]


def leaking_views(tx: Transaction) -> list[str]:
    """Give views that run with their owner's rights."""
    rows = tx.all(
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind IN ('v', 'm') AND NOT coalesce(c.reloptions, '{}')"
        "  && ARRAY['security_invoker=true', 'security_invoker=on']"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')"
        " ORDER BY 1"
    )
    return [row["relname"] for row in rows]


def own_rights(tx: Transaction) -> Row:
    """Tell what the role of this connection may do beyond its task."""
    return tx.one(
        "SELECT rolsuper AS superuser, rolbypassrls AS bypasses,"
        " EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        "  AND relowner = r.oid) AS owns_tables FROM pg_roles AS r WHERE rolname = current_user"
    )


def index_usable(tx: Transaction) -> bool:
    """Tell whether the spatial index can be used under row security."""
    return bool(
        tx.value(
            "SELECT proleakproof FROM pg_proc"
            " WHERE oid = 'geometry_overlaps(geometry, geometry)'::regprocedure"
        )
    )


def durability(tx: Transaction) -> dict[str, str]:
    """Give the settings on which an acknowledged report rests."""
    rows = tx.all(
        "SELECT name, setting FROM pg_settings"
        " WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
    )
    return {row["name"]: row["setting"] for row in rows}
