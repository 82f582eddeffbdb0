/** What JSON values look like: the text of it, and whether what one side writes the other reads. */
@NullMarked
package io.clutch.protocol.internal.shape;

import org.jspecify.annotations.NullMarked;
