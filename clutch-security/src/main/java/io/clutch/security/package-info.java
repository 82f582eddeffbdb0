/**
 * TLS and tokens from files that may change while they are in use, and who may call what.
 *
 * <p>{@link io.clutch.security.TlsFiles}, {@link io.clutch.security.AccessRules} and {@link
 * io.clutch.security.Identity} are for users; the rest is for Clutch's own modules.
 */
@NullMarked
package io.clutch.security;

import org.jspecify.annotations.NullMarked;
