/*
 * H.264 without compression. Every macroblock is I_PCM: its 256 luma and 128 chroma samples stand in the stream as they are.
 * Any decoder must accept it (ITU-T H.264, 7.3.5), and no transform, prediction or entropy coder has to be written here.
 */

const MACROBLOCK = 16;
const I_PCM = 25;

/** Profile, compatibility flags and level as they stand in the parameter set: constrained baseline, level 3.0. */
export const PROFILE = Buffer.from([66, 0xc0, 30]);

/** Samples of one plane colour. Each lies in the video range 16 to 240, see `pictureNal`. */
export type Yuv = readonly [y: number, u: number, v: number];

/** Writes bits, most significant first, as the syntax tables of the standard spell them. */
class BitWriter {
  private readonly bytes: number[] = [];
  private current = 0;
  private filled = 0;

  bits(value: number, count: number): this {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      this.current = (this.current << 1) | ((value >> bit) & 1);
      this.filled += 1;
      if (this.filled === 8) {
        this.bytes.push(this.current);
        this.current = 0;
        this.filled = 0;
      }
    }
    return this;
  }

  /** Exp-Golomb, unsigned: as many zeros as the number plus one has bits after its first. */
  ue(value: number): this {
    const length = 32 - Math.clz32(value + 1);
    return this.bits(0, length - 1).bits(value + 1, length);
  }

  align(): this {
    return this.filled === 0 ? this : this.bits(0, 8 - this.filled);
  }

  /** `rbsp_trailing_bits`. */
  trailing(): this {
    return this.bits(1, 1).align();
  }

  raw(bytes: Uint8Array): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  toBuffer(): Buffer {
    return Buffer.from(this.bytes);
  }
}

/** Sequence parameter set for pictures of the given size in macroblocks. */
export const sequenceParameterSet = (widthInMacroblocks: number, heightInMacroblocks: number): Buffer =>
  new BitWriter()
    .bits(0x67, 8)
    .raw(PROFILE)
    .ue(0) // seq_parameter_set_id
    .ue(0) // log2_max_frame_num_minus4
    .ue(2) // pic_order_cnt_type: output order is decoding order
    .ue(0) // max_num_ref_frames
    .bits(0, 1) // gaps_in_frame_num_value_allowed_flag
    .ue(widthInMacroblocks - 1)
    .ue(heightInMacroblocks - 1)
    .bits(1, 1) // frame_mbs_only_flag
    .bits(1, 1) // direct_8x8_inference_flag
    .bits(0, 1) // frame_cropping_flag
    .bits(0, 1) // vui_parameters_present_flag
    .trailing()
    .toBuffer();

/** Picture parameter set: variable-length coding, one slice group, everything else at its default. */
export const pictureParameterSet = (): Buffer =>
  new BitWriter()
    .bits(0x68, 8)
    .ue(0) // pic_parameter_set_id
    .ue(0) // seq_parameter_set_id
    .bits(0, 1) // entropy_coding_mode_flag
    .bits(0, 1) // bottom_field_pic_order_in_frame_present_flag
    .ue(0) // num_slice_groups_minus1
    .ue(0) // num_ref_idx_l0_default_active_minus1
    .ue(0) // num_ref_idx_l1_default_active_minus1
    .bits(0, 1) // weighted_pred_flag
    .bits(0, 2) // weighted_bipred_idc
    .ue(0) // pic_init_qp_minus26
    .ue(0) // pic_init_qs_minus26
    .ue(0) // chroma_qp_index_offset
    .bits(0, 1) // deblocking_filter_control_present_flag
    .bits(0, 1) // constrained_intra_pred_flag
    .bits(0, 1) // redundant_pic_cnt_present_flag
    .trailing()
    .toBuffer();

/**
 * One picture, decodable by itself, with one colour per macroblock (row by row).
 *
 * Samples are kept at 16 or above: no zero bytes means that no start code can appear in the samples, and emulation
 * prevention bytes are not needed.
 */
export const pictureNal = (number: number, macroblocks: readonly Yuv[]): Buffer => {
  const slice = new BitWriter()
    .bits(0x65, 8)
    .ue(0) // first_mb_in_slice
    .ue(7) // slice_type: I, as all slices of the picture
    .ue(0) // pic_parameter_set_id
    .bits(0, 4) // frame_num
    .ue(number % 2) // idr_pic_id: neighbours must differ
    .bits(0, 2) // dec_ref_pic_marking
    .ue(0); // slice_qp_delta
  for (const [y, u, v] of macroblocks) {
    slice
      .ue(I_PCM)
      .align()
      .raw(Buffer.alloc(MACROBLOCK * MACROBLOCK, inVideoRange(y)))
      .raw(Buffer.alloc(64, inVideoRange(u)))
      .raw(Buffer.alloc(64, inVideoRange(v)));
  }
  return slice.trailing().toBuffer();
};

const inVideoRange = (sample: number): number => Math.min(240, Math.max(16, Math.round(sample)));
