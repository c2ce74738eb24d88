package client

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"acip/internal/account"
)

// checkStats refuses a path that no account can be written to, before there is one to lose.
func checkStats(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("write statistics: %s is a folder", path)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write statistics: %w", err)
	}
	return nil
}

// writeStats writes the account to path as JSON: a file whole or not at all, a pipe or device as it is.
func writeStats(path string, s account.Stats) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode statistics: %w", err)
	}
	text = append(text, '\n')
	part := path + ".part"
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		part = path
	}
	if err := os.WriteFile(part, text, 0o644); err != nil {
		return fmt.Errorf("write statistics: %w", err)
	}
	if part == path {
		return nil
	}
	if err := os.Rename(part, path); err != nil {
		return fmt.Errorf("write statistics: %w", err)
	}
	return nil
}
