/** Consul's HTTP API, as far as it tells of servers. */
package io.github.purebpf.redirect.consul;
