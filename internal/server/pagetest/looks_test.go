package pagetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// looks: nothing is cut off or scrolls, on phones and on large screens, light and dark. With ACIP_TEST_SHOTS=DIR the
// screenshots are kept there.
func looks(t *testing.T, b context.Context) {
	s := serve(t)
	for _, name := range []string{"ann", "bob", "carol-with-a-rather-long-name"} {
		send(t, s.addr, "lobby", name, "--source", "pattern", "--capture-size", "640x480")
	}
	p := open(t, b, "http://"+s.addr+"/watch")
	p.until("three pictures", `[...document.querySelectorAll("figure")].filter((f) => Number(f.dataset.frames) > 2).length === 3`)
	for _, size := range [][2]int64{{390, 844}, {1280, 800}, {2560, 1440}} {
		for _, scheme := range []string{"light", "dark"} {
			p.size(size[0], size[1], scheme)
			p.until("a layout for it", fmt.Sprintf("innerWidth === %d && matchMedia('(prefers-color-scheme: %s)').matches", size[0], scheme))
			p.until("all of it on the screen", `[...document.querySelectorAll("figure, footer, footer button")].every((e) => {
				const r = e.getBoundingClientRect();
				return r.left >= 0 && r.top >= 0 && r.right <= innerWidth && r.bottom <= innerHeight && r.width > 0;
			}) && document.documentElement.scrollWidth <= innerWidth`)
			shoot(t, p, fmt.Sprintf("%dx%d-%s", size[0], size[1], scheme))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.errors {
		t.Error(e)
	}
}

// shoot keeps a screenshot, if that is asked for.
func shoot(t *testing.T, p *tab, name string) {
	t.Helper()
	dir := os.Getenv("ACIP_TEST_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}
