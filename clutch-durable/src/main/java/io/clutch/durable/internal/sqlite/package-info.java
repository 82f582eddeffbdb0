/** A store in a folder, which the processes of one machine share: SQLite. */
@NullMarked
package io.clutch.durable.internal.sqlite;

import org.jspecify.annotations.NullMarked;
