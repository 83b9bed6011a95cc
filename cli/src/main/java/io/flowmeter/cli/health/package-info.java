/**
 * Whether a process lives, and whether it does its work: what it tells whoever starts and stops it.
 */
package io.flowmeter.cli.health;
