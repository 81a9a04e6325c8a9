package auth

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSecretFile bounds a file that holds one secret or token.
const maxSecretFile = 1 << 20

// readSecret reads a file that holds one secret, without the line break that
// most tools leave at its end.
func readSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxSecretFile))
	if err != nil {
		return "", err
	}
	secret := strings.TrimSpace(string(data))
	if secret == "" {
		return "", fmt.Errorf("the file %s is empty", path)
	}
	return secret, nil
}
