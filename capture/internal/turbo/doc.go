// Package turbo decodes JPEGs with libjpeg-turbo, scaled down on the way.
//
// It is there under the build tag turbojpeg, with cgo.
package turbo
