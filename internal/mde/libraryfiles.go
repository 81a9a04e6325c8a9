package mde

import (
	"context"
	"time"
)

// LibraryFile is a file of the live-response library.
// https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files
type LibraryFile struct {
	// FileName is the identity of the file.
	FileName string `json:"fileName"`
	// SHA256 of the content, hex; compare without case.
	SHA256                string    `json:"sha256"`
	Description           string    `json:"description"`
	CreationTime          time.Time `json:"creationTime"`
	LastUpdatedTime       time.Time `json:"lastUpdatedTime"`
	CreatedBy             string    `json:"createdBy"`
	HasParameters         bool      `json:"hasParameters"`
	ParametersDescription string    `json:"parametersDescription"`
}

// LibraryUpload is what [LibraryFiles.Upload] sends.
type LibraryUpload struct {
	FileName              string
	Content               []byte
	Description           string
	ParametersDescription string
	HasParameters         bool
	// Override replaces an existing file of that name; without it the service
	// refuses the upload.
	Override bool
}

// LibraryFiles is the live-response library.
type LibraryFiles struct {
	client *Client
}

// List returns the whole library. One call serves all readers until a write.
// https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files
func (s *LibraryFiles) List(ctx context.Context) ([]LibraryFile, error) { panic("contract") }

// Get returns the file of exactly that name, else one whose name differs only
// by case, else an error that is [ErrNotFound].
func (s *LibraryFiles) Get(ctx context.Context, fileName string) (LibraryFile, error) {
	panic("contract")
}

// Fresh forgets what was read before, so that the next Get or List asks the
// service.
func (s *LibraryFiles) Fresh() { panic("contract") }

// Upload writes a file and returns what the service says of it. An upload whose
// answer was lost is settled by reading the list.
// https://learn.microsoft.com/en-us/defender-endpoint/api/upload-library
func (s *LibraryFiles) Upload(ctx context.Context, upload LibraryUpload) (LibraryFile, error) {
	panic("contract")
}

// Delete removes a file. A file that is gone is no error; a file that this
// process has written or adopted (see [LibraryFiles.Claim]) is left alone.
// https://learn.microsoft.com/en-us/defender-endpoint/api/delete-library
func (s *LibraryFiles) Delete(ctx context.Context, fileName string) error { panic("contract") }

// Claim marks fileName as written or adopted by one resource of this apply.
// The second claim of a name is [ErrClaimed]. The returned function takes the
// claim back, for a write that failed.
func (s *LibraryFiles) Claim(fileName string) (release func(), err error) { panic("contract") }
