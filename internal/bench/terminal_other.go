//go:build !unix

package main

import "syscall"

// ownTerminal is for systems without pseudo-terminals, where opening one fails before.
func ownTerminal() *syscall.SysProcAttr { return nil }
