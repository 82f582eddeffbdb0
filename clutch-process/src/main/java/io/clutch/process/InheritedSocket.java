package io.clutch.process;

/**
 * A listening socket that this process was started with.
 *
 * @param descriptor the file descriptor's number
 * @param name what whoever opened it calls it: an address, or a name
 * @param source the environment variable that announced it
 */
public record InheritedSocket(int descriptor, String name, String source) {}
