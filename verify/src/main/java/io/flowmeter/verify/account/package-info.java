/** The account itself: its workflows, their versions, and the counts that the API reports. */
package io.flowmeter.verify.account;
