/** Consul as a source of servers, asked over its HTTP API. */
package io.github.purebpf.redirect.consul;
