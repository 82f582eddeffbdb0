/**
 * The wire format of Clutch as Java sees it: values to payloads ({@link
 * io.clutch.protocol.PayloadCodec}) and errors to statuses ({@link
 * io.clutch.protocol.ErrorStatus}).
 */
@NullMarked
package io.clutch.protocol;

import org.jspecify.annotations.NullMarked;
