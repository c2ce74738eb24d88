//go:build !unix

package render

import "errors"

func makeFIFO(string) error { return errors.ErrUnsupported }
