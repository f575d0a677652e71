import { createHash } from 'node:crypto';

/**
 * What keeps a tenant from the newest version: nothing, orders without `placed_at` (23502), or customers
 * with the same address (23505).
 */
export type TenantHealth = 'healthy' | 'null-violation' | 'duplicate';

const CATEGORIES = ['Coffee', 'Tea', 'Brewing'];
const PRODUCTS = [
  ['Espresso Blend 1 kg', 2490],
  ['Filter Roast 500 g', 1450],
  ['Decaf 250 g', 890],
  ['Earl Grey 100 g', 720],
  ['Sencha 100 g', 980],
  ['Rooibos 250 g', 640],
  ['Hand Grinder', 8900],
  ['Pour-over Set', 4200],
] as const;
const CUSTOMERS = [
  'Ada Lindqvist',
  'Bruno Ferrari',
  'Chidi Okafor',
  'Dana Novak',
  'Elif Kaya',
  'Farid Haddad',
  'Greta Holm',
  'Hugo Marchand',
  'Ines Carvalho',
  'Jun Watanabe',
  'Kofi Mensah',
  'Lea Brandt',
];
const STATUSES = ['PAID', 'SHIPPED', 'SHIPPED', 'PENDING', 'PAID', 'CANCELLED'] as const;
const ORDERS = 24;
const FIRST_ORDER = Date.UTC(2025, 0, 20, 8);
const HOUR_MS = 3_600_000;

/** What a tenant's number makes of a name: always the same. */
class Dice {
  readonly #tenantNumber: number;

  constructor(tenantNumber: number) {
    this.#tenantNumber = tenantNumber;
  }

  #digest(what: string): Buffer {
    return createHash('sha256').update(`${this.#tenantNumber}/${what}`).digest();
  }

  /** 0 to `sides - 1`. */
  roll(what: string, sides: number): number {
    return this.#digest(what).readUInt32BE(0) % sides;
  }

  /** A UUID of version 8, the one for ids of one's own making. */
  id(what: string): string {
    const hex = this.#digest(what).toString('hex');
    const [a, b, c, d] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20)];
    return `${a}-${b}-8${c}-8${d}-${hex.slice(20, 32)}`;
  }
}

function catalogueOf(dice: Dice) {
  const categories = CATEGORIES.map((name) => ({ id: dice.id(`category/${name}`), name }));
  const products = PRODUCTS.map(([name, price], n) => ({
    id: dice.id(`product/${n}`),
    sku: `SKU-${String(n + 1).padStart(4, '0')}`,
    name,
    price_cents: price + dice.roll(`price/${n}`, 20) * 10,
    category_id: categories[Math.floor(n / 3)]?.id,
    created_at: new Date(FIRST_ORDER - 30 * 24 * HOUR_MS),
  }));
  return { categories, products };
}

// Two who came back later opened a second account with the address of their first.
function customersOf(dice: Dice, health: TenantHealth) {
  return CUSTOMERS.map((name, n) => ({
    id: dice.id(`customer/${n}`),
    email: addressOf(health === 'duplicate' && n >= 10 ? (CUSTOMERS[n - 10] ?? name) : name),
    name,
    created_at: new Date(FIRST_ORDER - (CUSTOMERS.length - n) * HOUR_MS),
  }));
}

function linesOf(dice: Dice, n: number, products: ReturnType<typeof catalogueOf>['products']) {
  return products
    .filter((_, p) => p === n % products.length || dice.roll(`line/${n}/${p}`, 5) === 0)
    .map((product, l) => ({
      id: dice.id(`line/${n}/${l}`),
      order_id: dice.id(`order/${n}`),
      product_id: product.id,
      quantity: 1 + dice.roll(`quantity/${n}/${l}`, 3),
      unit_price_cents: product.price_cents,
    }));
}

/**
 * The rows of one tenant's shop, by table, as they fit `DEMO_START_VERSION`. The same number and health
 * give the same rows, ids included, wherever and whenever.
 */
export function shopOf(tenantNumber: number, health: TenantHealth) {
  const dice = new Dice(tenantNumber);
  const { categories, products } = catalogueOf(dice);
  const customers = customersOf(dice, health);
  const lines = Array.from({ length: ORDERS }, (_, n) => linesOf(dice, n, products));
  const orders = lines.map((bought, n) => {
    const createdAt = FIRST_ORDER + n * 31 * HOUR_MS + dice.roll(`minute/${n}`, 60) * 60_000;
    // A basket that was imported and never placed.
    const unplaced = health === 'null-violation' && n % 8 === 3;
    return {
      id: dice.id(`order/${n}`),
      customer_id: customers[n % customers.length]?.id,
      placed_at: unplaced ? null : new Date(createdAt + 5 * 60_000),
      created_at: new Date(createdAt),
      status: unplaced ? 'PENDING' : STATUSES[n % STATUSES.length],
      total_cents: bought.reduce((sum, line) => sum + line.quantity * line.unit_price_cents, 0),
    };
  });
  const payments = orders
    .filter((order) => order.status === 'PAID' || order.status === 'SHIPPED')
    .map((order, n) => ({
      id: dice.id(`payment/${n}`),
      order_id: order.id,
      amount_cents: order.total_cents,
      paid_at: new Date(order.created_at.getTime() + HOUR_MS),
    }));
  return { categories, products, customers, orders, order_lines: lines.flat(), payments };
}

const addressOf = (name: string) => `${name.toLowerCase().replace(' ', '.')}@example.com`;
