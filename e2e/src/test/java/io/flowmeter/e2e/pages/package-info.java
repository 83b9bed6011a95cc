/** What the pages of the repository promise to their readers. */
package io.flowmeter.e2e.pages;
