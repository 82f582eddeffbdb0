/** The command line: {@link io.clutch.cli.Main}, one class for each subcommand. */
@NullMarked
package io.clutch.cli;

import org.jspecify.annotations.NullMarked;
