package client

import "errors"

// NewScreen opens the terminal as the output of a call.
func NewScreen(cfg Config) (Output, error) { return nil, errors.New("screen: not built yet") }
