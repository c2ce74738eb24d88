package codec

// Names returns the names of the codecs in Available.
func Names() (names []string) {
	for _, id := range Available() {
		names = append(names, id.String())
	}
	return names
}
