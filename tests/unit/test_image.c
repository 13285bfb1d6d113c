/* test_image.c -- crops from planes of every format and matrix against their arithmetic. */
#include "test.h"

#include <math.h>

#include "image/image.h"
#include "track/geometry.h"
#include "track/shots.h"

enum { W = 64, H = 48 };
static uint8_t gray[W * H];

static AvaImage gradient(void)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            gray[y * W + x] = (uint8_t)(2 * x + y);
    return ava_image_view(AVA_GRAY, W, H, (const uint8_t *const[]){ gray, NULL, NULL }, (const ptrdiff_t[]){ W, 0, 0 });
}

static void warp_samples_where_it_says(void **state)
{
    (void)state;
    AvaImage img = gradient();
    uint8_t out[8 * 8];
    ava_warp_gray(&img, (AvaAffine){ 1, 0, 10.5f, 0, 1, 20 }, 8, 8, out); /* half a pixel: bilinear */
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++)
            assert_int_equal(out[y * 8 + x], 2 * (x + 10) + 1 + y + 20);
    ava_warp_gray(&img, (AvaAffine){ 1, 0, -4, 0, 1, 0 }, 8, 8, out); /* black outside */
    assert_int_equal(out[0], 0);
    assert_int_equal(out[4 + 8 * 3], 3);
    ava_warp_gray(&img, (AvaAffine){ 4, 0, 1.5f, 0, 4, 1.5f }, 8, 8, out); /* shrinking takes the mean */
    assert_true(fabs(out[8 * 3 + 3] - (2 * 13.5 + 13.5)) <= 1.5);
}

static void rotated_views_are_upright(void **state)
{
    (void)state;
    AvaImage img = gradient();
    /* a quarter turn clockwise: upright (x, y) is buffer (y, H-1-x) */
    img.width = H;
    img.height = W;
    img.to_buf = (AvaAffine){ 0, 1, 0, -1, 0, H - 1 };
    uint8_t out[6 * 6];
    ava_warp_gray(&img, (AvaAffine){ 1, 0, 3, 0, 1, 5 }, 6, 6, out);
    for (int y = 0; y < 6; y++)
        for (int x = 0; x < 6; x++)
            assert_int_equal(out[y * 6 + x], 2 * (y + 5) + (H - 1 - (x + 3)));
}

static void inside_and_border_paths_agree(void **state)
{
    (void)state;
    static uint8_t u[W * H / 4], v[W * H / 4];
    AvaImage g = gradient();
    memset(u, 90, sizeof u);
    memset(v, 160, sizeof v);
    AvaImage img = ava_image_view(AVA_I420, W, H, (const uint8_t *const[]){ g.plane[0], u, v },
                                  (const ptrdiff_t[]){ W, W / 2, W / 2 });
    uint8_t big[40 * 40 * 3], small[20 * 20 * 3];
    AvaAffine in = ava_affine_square(32, 24, 20, 0.3f, 20), out = in;
    ava_warp_rgb(&img, in, 20, 20, small);
    out.c -= 10 * (out.a + out.b); /* the same grid with ten more pixels on every side: crosses the border */
    out.f -= 10 * (out.d + out.e);
    ava_warp_rgb(&img, out, 40, 40, big);
    for (int y = 0; y < 20; y++)
        for (int x = 0; x < 20 * 3; x++)
            assert_true(abs(small[y * 60 + x] - big[(y + 10) * 120 + 30 + x]) <= 2);
}

/* A colour through BT.601 and BT.709 in limited and full range (ITU-R BT.601-7 and BT.709-6, section 3) comes back. */
static void colours_come_back(void **state)
{
    (void)state;
    static const double colour[][3] = { { 200, 60, 30 }, { 20, 180, 90 }, { 40, 50, 220 }, { 235, 235, 235 }, { 8, 8, 8 } };
    static uint8_t plane[3][W * H];
    for (int bt709 = 0; bt709 < 2; bt709++)
        for (int full = 0; full < 2; full++)
            for (size_t i = 0; i < sizeof colour / sizeof *colour; i++) {
                const double *c = colour[i], kr = bt709 ? .2126 : .299, kb = bt709 ? .0722 : .114, luma = kr * c[0] + (1 - kr - kb) * c[1] + kb * c[2];
                double cb = (c[2] - luma) / (2 * (1 - kb)), cr = (c[0] - luma) / (2 * (1 - kr));
                memset(plane[0], (int)lrint(full ? luma : 16 + luma * 219 / 255), sizeof plane[0]);
                memset(plane[1], (int)lrint(128 + cb * (full ? 1 : 224 / 255.)), sizeof plane[1]);
                memset(plane[2], (int)lrint(128 + cr * (full ? 1 : 224 / 255.)), sizeof plane[2]);
                AvaImage img = ava_image_view(AVA_I420, W, H, (const uint8_t *const[]){ plane[0], plane[1], plane[2] }, (const ptrdiff_t[]){ W, W / 2, W / 2 });
                img.bt709 = bt709;
                img.full_range = full;
                uint8_t rgb[8 * 8 * 3], grey[8 * 8];
                ava_warp_rgb(&img, (AvaAffine){ 1, 0, 9, 0, 1, 9 }, 8, 8, rgb);
                ava_warp_gray(&img, (AvaAffine){ 1, 0, 9, 0, 1, 9 }, 8, 8, grey);
                for (int k = 0; k < 3; k++)
                    assert_in_range(rgb[30 + k] + 3 - (int)c[k], 0, 6);
                assert_in_range(grey[10] + 2 - (int)lrint(luma), 0, 4);
            }
}

static void similarity_is_recovered(void **state)
{
    (void)state;
    const float src[3][2] = { { 0, 0 }, { 10, 0 }, { 3, 7 } };
    float dst[3][2];
    for (int i = 0; i < 3; i++) {
        dst[i][0] = 2 * (.8f * src[i][0] - .6f * src[i][1]) + 5;
        dst[i][1] = 2 * (.6f * src[i][0] + .8f * src[i][1]) - 3;
    }
    AvaAffine m = ava_affine_similarity(src, (const float(*)[2])dst, 3);
    assert_true(fabsf(m.a - 1.6f) < 1e-4f && fabsf(m.b + 1.2f) < 1e-4f && fabsf(m.c - 5) < 1e-3f);
    assert_true(fabsf(m.d - 1.2f) < 1e-4f && fabsf(m.e - 1.6f) < 1e-4f && fabsf(m.f + 3) < 1e-3f);
}

static void cuts_are_found_and_motion_is_not(void **state)
{
    (void)state;
    AvaShots s = { 0 };
    AvaImage img = gradient();
    assert_false(ava_shots_push(&s, &img));
    for (int i = 0; i < W * H; i++)
        gray[i] = (uint8_t)(gray[i] + 3);
    assert_false(ava_shots_push(&s, &img)); /* a little brighter */
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            gray[y * W + x] = (x / 8 + y / 8) % 2 ? 220 : 20;
    assert_true(ava_shots_push(&s, &img));
    assert_false(ava_shots_push(&s, &img));
}

static void occlusion_sees_a_mask(void **state)
{
    (void)state;
    static uint8_t face[112 * 112 * 3];
    for (int i = 0; i < 112 * 112; i++) {
        face[3 * i] = 200;
        face[3 * i + 1] = 150;
        face[3 * i + 2] = 130;
    }
    assert_true(ava_face_occlusion(face) < 0.01f);
    for (int i = 80 * 112; i < 112 * 112; i++) {
        face[3 * i] = 90;
        face[3 * i + 1] = 150;
        face[3 * i + 2] = 220;
    }
    assert_true(ava_face_occlusion(face) > 0.95f);
    assert_true(ava_face_sharpness(face) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warp_samples_where_it_says),    cmocka_unit_test(rotated_views_are_upright),
        cmocka_unit_test(inside_and_border_paths_agree), cmocka_unit_test(colours_come_back), cmocka_unit_test(similarity_is_recovered),
        cmocka_unit_test(cuts_are_found_and_motion_is_not), cmocka_unit_test(occlusion_sees_a_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
