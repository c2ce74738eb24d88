// Package pagetest holds the tests of the watching page: its modules in node, its types, and the page in a real browser with
// real senders.
package pagetest
