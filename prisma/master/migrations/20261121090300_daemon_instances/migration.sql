-- Which daemons are alive, so that they share the lanes of a run evenly.
CREATE TABLE "DaemonInstance" (
    "id" UUID NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "DaemonInstance_pkey" PRIMARY KEY ("id")
);
