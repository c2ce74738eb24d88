package term

import (
	"context"
	"os"
)

// ReadLines reads nothing here: a console read cannot be ended.
func ReadLines(ctx context.Context, f *os.File, lines chan<- string) { <-ctx.Done() }
