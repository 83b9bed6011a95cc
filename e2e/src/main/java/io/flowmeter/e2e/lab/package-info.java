/**
 * Cloudflare's own runtime on this machine with the workflows of {@code e2e/lab}: started and
 * stopped by {@link io.flowmeter.e2e.lab.LocalRuntime}, driven through {@link
 * io.flowmeter.e2e.lab.ExplorerApi}.
 */
package io.flowmeter.e2e.lab;
