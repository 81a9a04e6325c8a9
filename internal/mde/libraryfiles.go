package mde

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mde-as-code/terraform-provider-mde/internal/snapshot"
	"github.com/mde-as-code/terraform-provider-mde/internal/transport"
)

// listLag is how long the list may not show an upload.
const listLag = time.Minute

// snapshotLife is how long a process trusts what it has read. Terraform ends
// the process sooner, but an apply may take hours.
const snapshotLife = 10 * time.Minute

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

// stored is the file as the service holds it once the upload has taken effect.
func (u LibraryUpload) stored() LibraryFile {
	sum := sha256.Sum256(u.Content)
	return LibraryFile{FileName: u.FileName, SHA256: hex.EncodeToString(sum[:]), Description: u.Description, ParametersDescription: u.ParametersDescription, HasParameters: u.HasParameters}
}

// same tells whether two files agree in everything that an upload sets.
func (f LibraryFile) same(o LibraryFile) bool {
	return f.FileName == o.FileName && strings.EqualFold(f.SHA256, o.SHA256) && f.Description == o.Description && f.ParametersDescription == o.ParametersDescription && f.HasParameters == o.HasParameters
}

// LibraryFiles is the live-response library.
type LibraryFiles struct {
	*Holders

	client  *Client
	all     *snapshot.Snapshot[[]LibraryFile]
	written *claims[string]
	// uploads are when this process last uploaded the files, by their names in
	// lower case.
	uploads sync.Map
}

func newLibraryFiles(c *Client) *LibraryFiles {
	s := &LibraryFiles{Holders: newHolders(), client: c, written: newClaims[string]()}
	s.all = snapshot.New(snapshotLife, func(ctx context.Context) ([]LibraryFile, error) {
		// No query option is documented for the library.
		return collect(pages[LibraryFile](ctx, c, "list library files", libraryPath(), url.Values{}))
	})
	return s
}

func libraryPath(more ...string) []string {
	return append([]string{"api", "libraryfiles"}, more...)
}

// List returns the whole library. One call serves all readers until a write.
// https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files
func (s *LibraryFiles) List(ctx context.Context) ([]LibraryFile, error) {
	files, err := s.all.Get(ctx)
	return slices.Clone(files), err
}

// Get returns the file of exactly that name, else one whose name differs only
// by case, else an error that is [ErrNotFound].
func (s *LibraryFiles) Get(ctx context.Context, fileName string) (LibraryFile, error) {
	files, err := s.all.Get(ctx)
	if err != nil {
		return LibraryFile{}, err
	}
	if i := slices.IndexFunc(files, func(f LibraryFile) bool { return f.FileName == fileName }); i >= 0 {
		return files[i], nil
	}
	if i := slices.IndexFunc(files, func(f LibraryFile) bool { return strings.EqualFold(f.FileName, fileName) }); i >= 0 {
		return files[i], nil
	}
	return LibraryFile{}, &Error{Op: "read library file", Err: fmt.Errorf("%q is %w in the library", fileName, ErrNotFound)}
}

// Fresh forgets what was read before, so that the next Get or List asks the
// service.
func (s *LibraryFiles) Fresh() { s.all.Drop() }

// FreshSince is Fresh for what was asked for before t: callers who want the
// library as it is at some moment share what is read after it.
func (s *LibraryFiles) FreshSince(t time.Time) { s.all.DropBefore(t) }

// JustUploaded tells whether this process uploaded the file so short a time ago
// that the list may not show it yet.
func (s *LibraryFiles) JustUploaded(fileName string) bool {
	at, _ := s.uploads.Load(strings.ToLower(fileName))
	uploaded, ok := at.(time.Time)
	return ok && time.Since(uploaded) < listLag
}

// Upload writes a file and returns what the service says of it. An upload whose
// answer was lost is settled by reading the list.
// https://learn.microsoft.com/en-us/defender-endpoint/api/upload-library
func (s *LibraryFiles) Upload(ctx context.Context, upload LibraryUpload) (LibraryFile, error) {
	body, contentType, err := encodeUpload(upload)
	if err != nil {
		return LibraryFile{}, &Error{Op: "upload library file", Err: err}
	}
	send := call{op: "upload library file", method: http.MethodPost, path: libraryPath(), body: body, contentType: contentType, traits: uploadTraits(upload)}
	want := upload.stored()
	got, err := s.sendAndSettle(ctx, send, want)
	if err != nil {
		return LibraryFile{}, err
	}
	s.uploads.Store(strings.ToLower(upload.FileName), time.Now())
	if got.FileName == "" {
		got = want // An answer that names no file is still a yes.
	}
	if got.SHA256 == "" {
		got = s.confirmed(ctx, want, got.LastUpdatedTime)
	}
	s.all.Edit(func(files []LibraryFile) []LibraryFile { return append(without(files, got.FileName), got) })
	return got, nil
}

// uploadTraits: with override a second upload has the effect of one; without,
// it would be refused because of the first.
func uploadTraits(upload LibraryUpload) transport.Traits {
	if upload.Override {
		return safe
	}
	return transport.Traits{}
}

// sendAndSettle sends an upload, again as long as its answer was lost and
// reading shows that it has not taken effect. An upload that meets its own file
// is refused: an answer of 429 or 503, after which it was sent again, came after
// the effect, or the list that settles lags behind. A file that is said to exist
// and is not listed is hidden by such a list.
func (s *LibraryFiles) sendAndSettle(ctx context.Context, send call, want LibraryFile) (LibraryFile, error) {
	for attempt := 1; ; attempt++ {
		var got LibraryFile
		err := s.client.do(ctx, send, &got)
		refused := errors.Is(err, ErrInvalid)
		if !refused && !errors.Is(err, ErrOutcomeUnknown) {
			return got, err
		}
		got, settled, unread := s.settle(ctx, want)
		if settled {
			return got, nil
		}
		hidden := got.FileName == "" && strings.Contains(strings.ToLower(err.Error()), "exist")
		if refused && attempt == 1 && !hidden || unread != nil || attempt == maxAttempts || transport.Sleep(ctx, resendPause) != nil {
			return LibraryFile{}, err
		}
	}
}

// confirmed is the file as the list has it after an upload whose answer told no
// hash, or as it was sent where the list does not show it yet.
func (s *LibraryFiles) confirmed(ctx context.Context, sent LibraryFile, updated time.Time) LibraryFile {
	listed, _, err := s.settle(ctx, sent)
	if err != nil || listed.FileName == "" || listed.LastUpdatedTime.Before(updated) {
		return sent
	}
	return listed
}

// settle finds out whether an upload whose answer was lost has taken effect. It
// is an error if that cannot be read.
func (s *LibraryFiles) settle(ctx context.Context, want LibraryFile) (got LibraryFile, settled bool, err error) {
	ctx, cancel := settleContext(ctx)
	defer cancel()
	s.Fresh()
	got, err = s.Get(ctx, want.FileName)
	if errors.Is(err, ErrNotFound) {
		return LibraryFile{}, false, nil
	}
	return got, err == nil && got.same(want), err
}

// settleContext is for the reading that settles a write: it outlives the
// write's own context for a moment, so that a deadline does not leave a
// question open that one call can answer.
func settleContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
}

// Delete removes a file. A file that is gone is no error; a file that this
// process has written or adopted (see [LibraryFiles.Claim]) is left alone.
// https://learn.microsoft.com/en-us/defender-endpoint/api/delete-library
func (s *LibraryFiles) Delete(ctx context.Context, fileName string) (err error) {
	claimed, held, done := s.written.leave(strings.ToLower(fileName))
	defer func() { done(err) }()
	if held {
		if keep, err := s.keeps(ctx, fileName, claimed); keep || err != nil {
			return err
		}
	}
	err = s.client.do(ctx, call{op: "delete library file", method: http.MethodDelete, path: libraryPath(fileName), traits: safe}, nil)
	if err != nil && !errors.Is(err, ErrNotFound) {
		s.Fresh() // It may be gone all the same.
		return err
	}
	s.all.Edit(func(files []LibraryFile) []LibraryFile { return without(files, fileName) })
	return nil
}

// Claim marks fileName as written or adopted by one resource of this apply.
// The second claim of a name is [ErrClaimed]. The returned function takes the
// claim back, for a write that failed. While the file is being deleted, Claim
// waits, so that what is read after it is what the deletion has left.
func (s *LibraryFiles) Claim(fileName string) (release func(), err error) {
	return s.written.claim(strings.ToLower(fileName), fileName)
}

// Claimed tells whether a resource of this apply holds the name.
func (s *LibraryFiles) Claimed(fileName string) bool {
	_, ok := s.written.get(strings.ToLower(fileName))
	return ok
}

// keeps tells whether deleting fileName would take away the claimed file.
// Whether the service tells names apart by case is not known: a name that
// differs from the claimed one by case alone may go only if both are listed.
func (s *LibraryFiles) keeps(ctx context.Context, fileName, claimed string) (bool, error) {
	if claimed == fileName {
		return true, nil
	}
	s.Fresh()
	files, err := s.all.Get(ctx)
	listed := func(name string) bool {
		return slices.ContainsFunc(files, func(f LibraryFile) bool { return f.FileName == name })
	}
	return !listed(fileName) || !listed(claimed), err
}

// without returns a copy, for others may be reading the slice.
func without(files []LibraryFile, fileName string) []LibraryFile {
	return slices.DeleteFunc(slices.Clone(files), func(f LibraryFile) bool { return f.FileName == fileName })
}

// encodeUpload writes the multipart form. The part is named "file", as every
// working client has it; the documented table says "File".
func encodeUpload(upload LibraryUpload) (body []byte, contentType string, err error) {
	var buffer bytes.Buffer
	form := multipart.NewWriter(&buffer)
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition("file", upload.FileName))
	header.Set("Content-Type", "application/octet-stream")
	part, err := form.CreatePart(header)
	if err != nil {
		return nil, "", err
	}
	if _, err := part.Write(upload.Content); err != nil {
		return nil, "", err
	}
	for _, field := range [][2]string{
		{"Description", upload.Description},
		{"ParametersDescription", upload.ParametersDescription},
		{"HasParameters", strconv.FormatBool(upload.HasParameters)},
		{"OverrideIfExists", strconv.FormatBool(upload.Override)},
	} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			return nil, "", err
		}
	}
	if err := form.Close(); err != nil {
		return nil, "", err
	}
	return buffer.Bytes(), form.FormDataContentType(), nil
}
