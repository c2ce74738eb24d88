package codec

// Names is Available by name.
func Names() (names []string) {
	for _, id := range Available() {
		names = append(names, id.String())
	}
	return names
}
