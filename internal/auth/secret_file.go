package auth

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// maxSecretFile bounds a file that holds one secret or token.
const maxSecretFile = 1 << 20

// byteOrderMark is what some editors begin a text with.
const byteOrderMark = "\ufeff"

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
	secret := strings.TrimSpace(strings.TrimPrefix(string(data), byteOrderMark))
	if secret == "" {
		return "", fmt.Errorf("the file %s is empty", path)
	}
	return secret, nil
}
