/**
 * The migration at which the demo's fleet starts: everything up to here fits any data. The next one needs
 * "orders" for itself (ACCESS EXCLUSIVE), so a forgotten transaction that has read it blocks it.
 */
export const DEMO_START_VERSION = '20250430120000_categories';

/** Fails with 23505 where two customers share an address. */
export const UNIQUE_EMAIL_VERSION = '20250707150000_unique_customer_email';

/** Fails with 23502 where an order was never placed. */
export const REQUIRED_PLACED_AT_VERSION = '20250811083000_require_order_placed_at';
