/** The store in a PostgreSQL database. */
@NullMarked
package io.clutch.durable.internal.postgres;

import org.jspecify.annotations.NullMarked;
