package io.clutch.benchmarks.endtoend;

/** Who does what: one line of the table. Connections are 0 where there are as many as processes. */
record Entry(Load load, Contestant contestant, int connections) {}
