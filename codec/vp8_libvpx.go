//go:build vpx && cgo

package codec

/*
#cgo pkg-config: vpx
#cgo LDFLAGS: -lm
#include <stdlib.h>
#include <string.h>
#include <vpx/vpx_encoder.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>

// Time base of the encoder: ticks a second.
#define ACIP_TICKS 90000

typedef struct {
	int q, cpu, deadline, static_threshold, resilient;
} acip_tuning;

typedef struct {
	vpx_codec_ctx_t ctx;
	vpx_codec_enc_cfg_t cfg;
	vpx_codec_pts_t pts;
	unsigned long deadline;
	int static_threshold;
} acip_encoder;

typedef struct {
	const void *data;
	size_t size;
	int key, err;
} acip_packet;

typedef struct {
	const uint8_t *y, *u, *v;
	int ys, cs, w, h, err;
} acip_picture;

// The quantizer is ours (see rateControl): libvpx's own control starves the frames after a keyframe, so its target is set out of reach.
// Resilient: see goldenClock.
static void acip_rate(vpx_codec_enc_cfg_t *c, const acip_tuning *t) {
	c->rc_target_bitrate = 50000;
	c->rc_min_quantizer = c->rc_max_quantizer = t->q;
	c->g_error_resilient = t->resilient ? VPX_ERROR_RESILIENT_DEFAULT : 0;
}

static void acip_encoder_close(acip_encoder *e) {
	vpx_codec_destroy(&e->ctx);
	free(e);
}

static acip_encoder *acip_encoder_open(int w, int h, const acip_tuning *t, int *err) {
	acip_encoder *e = calloc(1, sizeof *e);
	if (!e) { *err = VPX_CODEC_MEM_ERROR; return NULL; }
	if ((*err = vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &e->cfg, 0))) { free(e); return NULL; }
	e->cfg.g_w = w;
	e->cfg.g_h = h;
	e->cfg.g_timebase.num = 1;
	e->cfg.g_timebase.den = ACIP_TICKS;
	e->cfg.g_pass = VPX_RC_ONE_PASS;
	e->cfg.g_lag_in_frames = 0;
	e->cfg.g_threads = 1;
	e->cfg.rc_end_usage = VPX_VBR;
	e->cfg.rc_dropframe_thresh = 0;
	e->cfg.kf_mode = VPX_KF_DISABLED;
	acip_rate(&e->cfg, t);
	e->deadline = t->deadline;
	if ((*err = vpx_codec_enc_init(&e->ctx, vpx_codec_vp8_cx(), &e->cfg, 0))) { free(e); return NULL; }
	vpx_codec_control(&e->ctx, VP8E_SET_CPUUSED, t->cpu);
	vpx_codec_control(&e->ctx, VP8E_SET_STATIC_THRESHOLD, t->static_threshold);
	e->static_threshold = t->static_threshold;
	vpx_codec_control(&e->ctx, VP8E_SET_TOKEN_PARTITIONS, VP8_ONE_TOKENPARTITION);
	// CBR: else the average quantizer, after 150 pictures, overrules the one that is set. Only now, since at the start it would
	// bring cyclic refresh, whose segment maps cost a tenth of a small picture.
	e->cfg.rc_end_usage = VPX_CBR;
	if ((*err = vpx_codec_enc_config_set(&e->ctx, &e->cfg))) { acip_encoder_close(e); return NULL; }
	return e;
}

static int acip_encoder_rate(acip_encoder *e, const acip_tuning *t) {
	acip_rate(&e->cfg, t);
	if (t->static_threshold != e->static_threshold) { // each setting makes libvpx configure itself again
		vpx_codec_control(&e->ctx, VP8E_SET_STATIC_THRESHOLD, t->static_threshold);
		e->static_threshold = t->static_threshold;
	}
	return vpx_codec_enc_config_set(&e->ctx, &e->cfg);
}

static void acip_wrap(vpx_image_t *img, int w, int h, const uint8_t *y, const uint8_t *u, const uint8_t *v, int ys, int cs) {
	vpx_img_wrap(img, VPX_IMG_FMT_I420, w, h, 1, (unsigned char *)y);
	img->planes[0] = (unsigned char *)y;
	img->planes[1] = (unsigned char *)u;
	img->planes[2] = (unsigned char *)v;
	img->stride[0] = ys;
	img->stride[1] = img->stride[2] = cs;
}

static acip_packet acip_encode(acip_encoder *e, const uint8_t *y, const uint8_t *u, const uint8_t *v, int ys, int cs, unsigned long ticks, long flags) {
	acip_packet p = {0};
	vpx_image_t img;
	acip_wrap(&img, e->cfg.g_w, e->cfg.g_h, y, u, v, ys, cs);
	p.err = vpx_codec_encode(&e->ctx, &img, e->pts, ticks, flags, e->deadline);
	e->pts += ticks;
	vpx_codec_iter_t iter = NULL;
	const vpx_codec_cx_pkt_t *pkt;
	while (!p.err && (pkt = vpx_codec_get_cx_data(&e->ctx, &iter))) {
		if (pkt->kind != VPX_CODEC_CX_FRAME_PKT) continue;
		p.data = pkt->data.frame.buf;
		p.size = pkt->data.frame.sz;
		p.key = (pkt->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
	}
	return p;
}

static acip_picture acip_take(const vpx_image_t *img) {
	acip_picture p = {0};
	if (!img) return p;
	p.y = img->planes[0]; p.u = img->planes[1]; p.v = img->planes[2];
	p.ys = img->stride[0]; p.cs = img->stride[1];
	p.w = img->d_w; p.h = img->d_h;
	return p;
}

static acip_picture acip_preview(acip_encoder *e) { return acip_take(vpx_codec_get_preview_frame(&e->ctx)); }

static int acip_quantizer(acip_encoder *e) {
	int q = -1;
	vpx_codec_control(&e->ctx, VP8E_GET_LAST_QUANTIZER_64, &q);
	return q;
}

static vpx_codec_ctx_t *acip_decoder_open(int *err) {
	vpx_codec_ctx_t *d = calloc(1, sizeof *d);
	if (!d) { *err = VPX_CODEC_MEM_ERROR; return NULL; }
	if ((*err = vpx_codec_dec_init(d, vpx_codec_vp8_dx(), NULL, 0))) { free(d); return NULL; }
	return d;
}

static acip_picture acip_decode(vpx_codec_ctx_t *d, const uint8_t *data, unsigned size) {
	acip_picture p = {0};
	int err = vpx_codec_decode(d, data, size, NULL, 0), corrupt = 0;
	vpx_codec_iter_t iter = NULL;
	if (!err) err = vpx_codec_control(d, VP8D_GET_FRAME_CORRUPTED, &corrupt);
	if (!err && corrupt) err = VPX_CODEC_CORRUPT_FRAME;
	if (!err) p = acip_take(vpx_codec_get_frame(d, &iter));
	p.err = err;
	return p;
}

static void acip_decoder_close(vpx_codec_ctx_t *d) {
	vpx_codec_destroy(d);
	free(d);
}
*/
import "C"

import (
	"fmt"
	"sync/atomic"
	"unsafe"
)

const vp8Missing = ""

// tally counts open libvpx contexts, so that tests can check that each is freed. A nil tally counts nothing.
type tally struct{ n atomic.Int64 }

func (t *tally) add(n int64) {
	if t != nil {
		t.n.Add(n)
	}
}

// vpxTuning holds the libvpx settings that vary.
type vpxTuning struct {
	q         int  // quantizer, 0..63
	cpu       int  // VP8E_SET_CPUUSED
	deadline  int  // µs a frame: 1 real time, 1000000 good quality
	static    int  // VP8E_SET_STATIC_THRESHOLD
	resilient bool // error-resilient mode (see goldenClock)
}

func (t vpxTuning) c() C.acip_tuning {
	c := C.acip_tuning{
		q: C.int(t.q), cpu: C.int(t.cpu), deadline: C.int(t.deadline), static_threshold: C.int(t.static),
	}
	if t.resilient {
		c.resilient = 1
	}
	return c
}

// vpxError returns libvpx's text for an error code.
func vpxError(code C.int) error {
	return fmt.Errorf("libvpx: %s", C.GoString(C.vpx_codec_err_to_string(C.vpx_codec_err_t(code))))
}

// Flags of one frame for the encoder.
const (
	vpxKey = C.VPX_EFLAG_FORCE_KF
	// vpxDiscardable keeps nothing of the frame, neither pixels nor probabilities.
	vpxDiscardable = C.VP8_EFLAG_NO_UPD_LAST | C.VP8_EFLAG_NO_UPD_GF | C.VP8_EFLAG_NO_UPD_ARF | C.VP8_EFLAG_NO_UPD_ENTROPY
	vpxLast        = C.VP8_EFLAG_NO_UPD_GF | C.VP8_EFLAG_NO_UPD_ARF // libvpx still updates golden when that is due
	vpxAltRef      = C.VP8_EFLAG_NO_UPD_GF | C.VP8_EFLAG_FORCE_ARF
	vpxTicks       = C.ACIP_TICKS
)

// vpxEncoder is one libvpx encoder context for one size.
type vpxEncoder struct {
	c    *C.acip_encoder
	w, h int
	open *tally
}

func openVPXEncoder(w, h int, t vpxTuning, open *tally) (*vpxEncoder, error) {
	var code C.int
	ct := t.c()
	c := C.acip_encoder_open(C.int(w), C.int(h), &ct, &code)
	if c == nil {
		return nil, vpxError(code)
	}
	open.add(1)
	return &vpxEncoder{c: c, w: w, h: h, open: open}, nil
}

func (e *vpxEncoder) setRate(t vpxTuning) error {
	ct := t.c()
	if code := C.acip_encoder_rate(e.c, &ct); code != 0 {
		return vpxError(code)
	}
	return nil
}

// encode appends one coded frame to dst and reports whether it is a keyframe. p has the context's size.
func (e *vpxEncoder) encode(dst []byte, p *planes, ticks int, flags int) ([]byte, bool, error) {
	out := C.acip_encode(e.c, (*C.uint8_t)(&p.y[0]), (*C.uint8_t)(&p.u[0]), (*C.uint8_t)(&p.v[0]), C.int(p.ys), C.int(p.cs), C.ulong(ticks), C.long(flags))
	if out.err != 0 {
		return dst, false, vpxError(out.err)
	}
	if out.size == 0 {
		return dst, false, fmt.Errorf("libvpx: no output")
	}
	return append(dst, unsafe.Slice((*byte)(out.data), out.size)...), out.key != 0, nil
}

// preview points p at the encoder's own reconstruction of the newest frame, valid until the next call.
func (e *vpxEncoder) preview(p *planes) bool { return lend(p, C.acip_preview(e.c)) }

// quantizer returns the quantizer of the newest frame, 0..63.
func (e *vpxEncoder) quantizer() int { return int(C.acip_quantizer(e.c)) }

func (e *vpxEncoder) close() {
	C.acip_encoder_close(e.c)
	e.open.add(-1)
}

// vpxDecoder is one libvpx decoder context.
type vpxDecoder struct {
	c    *C.vpx_codec_ctx_t
	open *tally
}

func openVPXDecoder(open *tally) (*vpxDecoder, error) {
	var code C.int
	c := C.acip_decoder_open(&code)
	if c == nil {
		return nil, vpxError(code)
	}
	open.add(1)
	return &vpxDecoder{c: c, open: open}, nil
}

// decode points p at the decoded frame, valid until the next call. data must not be empty.
func (d *vpxDecoder) decode(p *planes, data []byte) error {
	out := C.acip_decode(d.c, (*C.uint8_t)(&data[0]), C.uint(len(data)))
	if out.err != 0 {
		return vpxError(out.err)
	}
	if !lend(p, out) {
		return fmt.Errorf("libvpx: no picture")
	}
	return nil
}

func (d *vpxDecoder) close() {
	C.acip_decoder_close(d.c)
	d.open.add(-1)
}

// lend points p at a frame in C memory.
func lend(p *planes, c C.acip_picture) bool {
	if c.y == nil {
		return false
	}
	*p = planes{w: int(c.w), h: int(c.h), cw: (int(c.w) + 1) / 2, ch: (int(c.h) + 1) / 2, ys: int(c.ys), cs: int(c.cs)}
	p.y = unsafe.Slice((*byte)(c.y), p.ys*(p.h-1)+p.w)
	p.u = unsafe.Slice((*byte)(c.u), p.cs*(p.ch-1)+p.cw)
	p.v = unsafe.Slice((*byte)(c.v), p.cs*(p.ch-1)+p.cw)
	return true
}
