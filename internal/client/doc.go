// Package client is the commands of acip-client: a call, its outputs, and what is there besides calls.
package client
