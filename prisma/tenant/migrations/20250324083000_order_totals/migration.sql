-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "total_cents" INTEGER NOT NULL DEFAULT 0;

UPDATE "orders"
SET "total_cents" = "lines"."total_cents"
FROM (
    SELECT "order_id", SUM("quantity" * "unit_price_cents") AS "total_cents"
    FROM "order_lines"
    GROUP BY "order_id"
) AS "lines"
WHERE "lines"."order_id" = "orders"."id";

UPDATE "orders"
SET "status" = 'PAID'
WHERE "status" = 'PENDING'
  AND EXISTS (SELECT 1 FROM "payments" WHERE "payments"."order_id" = "orders"."id");
